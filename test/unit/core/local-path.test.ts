import { expect, it } from "vitest"
import { directoryOf, pathFrom } from "../../../src/core/local-path.ts"

it.each([
  ["gonka-ha.yaml", "."],
  ["./gonka-ha.yaml", "."],
  ["lab/gonka-ha.yaml", "lab"],
  ["/etc/lab/gonka-ha.yaml", "/etc/lab"],
  ["/gonka-ha.yaml", "/"],
])("the directory of %s is %s", (file, dir) => {
  expect(directoryOf(file)).toBe(dir)
})

it.each([
  [".", "ssh/config", "ssh/config"],
  ["lab", "ssh/config", "lab/ssh/config"],
  ["/", "ssh/config", "/ssh/config"],
  ["lab", "/etc/ssh/config", "/etc/ssh/config"],
  ["lab", "~/.ssh/config", "/home/me/.ssh/config"],
])("from %s, %s is %s", (dir, path, seen) => {
  expect(pathFrom(dir, path, "/home/me")).toBe(seen)
})
