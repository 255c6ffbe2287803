import { expect, it } from "vitest"
import { directoryOf, pathBelow, pathFrom } from "../../../src/core/local-path.ts"

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

it.each([
  { dir: ".", path: ".gonka-ha/x", below: ".gonka-ha/x" },
  { dir: "lab", path: "lab/.gonka-ha", below: ".gonka-ha" },
  { dir: "/srv/lab/", path: "/srv/lab/a/b", below: "a/b" },
])("$path is $below from $dir", ({ dir, path, below }) => {
  expect(pathBelow(dir, path)).toBe(below)
  expect(pathFrom(dir, below)).toBe(path)
})

it("knows no way down to a path that is elsewhere", () => {
  expect(() => pathBelow("lab", "laboratory/x")).toThrow("laboratory/x is not below lab")
})
