import { join } from "node:path"

export const REPOSITORY_DIR = join(import.meta.dirname, "..", "..")

export const TEMPLATES_DIR = join(REPOSITORY_DIR, "templates")
export const PROFILES_DIR = join(REPOSITORY_DIR, "profiles")
