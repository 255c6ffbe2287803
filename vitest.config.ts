import { defineConfig } from "vitest/config"

/** Blocks of 1 s: alone on the machine. All the others wait for blocks most of the time, so that two of them share it. */
const BUSY = ["quick-moves", "trouble"].map((name) => `test/e2e/${name}.e2e.test.ts`)

export default defineConfig({
  test: {
    // On two cores vitest would use one of them.
    maxWorkers: "100%",
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts", "test/golden/**/*.test.ts", "test/lab/**/*.test.ts"],
          // Some run real programs, and a machine with other tenants takes its time for them.
          testTimeout: 60_000,
        },
      },
      { test: { name: "schedules", include: ["test/schedules/**/*.test.ts"] } },
      { test: { name: "edge", include: ["test/edge/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 300_000 } },
      {
        test: {
          name: "e2e",
          include: BUSY,
          testTimeout: 900_000,
          hookTimeout: 900_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "e2e-calm",
          include: ["test/e2e/**/*.e2e.test.ts"],
          exclude: BUSY,
          testTimeout: 900_000,
          hookTimeout: 900_000,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
