import { execa } from "execa"

export async function imageExists(tag: string): Promise<boolean> {
  const result = await execa("docker", ["image", "inspect", "--format", "{{.Id}}", tag], { reject: false })
  return !result.failed
}
