import { join } from "node:path"

const root = join(import.meta.dirname, "..", "..")

export const TEMPLATES_DIR = join(root, "templates")
export const PROFILES_DIR = join(root, "profiles")
