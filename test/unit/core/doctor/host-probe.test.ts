import { expect, it } from "vitest"
import { parseHostProbe } from "../../../../src/core/doctor/host-probe.ts"

const parse = (...rows: readonly string[]) => parseHostProbe(`${rows.join("\n")}\n`, Date.parse)

it("reads what a host tells", () => {
  const started = "2026-11-23T10:00:00.123456789Z"
  const container = ["container", "node-1", "running", "7", "true", "unhealthy", "sha256:aa", "json-file", "", started, "always", "431"]
  expect(
    parse(
      "reach\t10.0.0.21:26656\topen",
      "reach\t10.0.0.21:26657\tclosed",
      "reach\t10.0.0.21:1317\tunknown",
      "user\t0\troot",
      "no-tool\tflock",
      "memory\t4000\t2000\t100\t50",
      "load\t0.25\t4",
      "reboot",
      "engine\t28.2.2",
      [
        ...container,
        '{"26656/tcp":[{"HostIp":"10.0.0.21","HostPort":"26656"}],"26657/tcp":[{"HostIp":"127.0.0.1","HostPort":"26657"}],"1317/tcp":null}',
      ].join("\t"),
      "limit\tnode-1\t1048576",
      "compose\t2.36.0",
      "directory",
      "inodes\t1000\t900",
      "write\t10\t23",
      "secret\tfile\t600\tsecrets/nodes/node-1/node_key.json",
      "secret\tdirectory\t700\tsecrets",
      "read-only\taudit.log",
      "book\tsentry-1",
      "known\tsentry-1\tabcd",
      "snapshot\tsentry-1\t900",
      "snapshot\tsentry-1\tmetadata.db",
      "upgrade\tnode-1\tv0.3",
      "firewall",
      "nft\ttable inet gonka_ha_lab {",
      "iptables\t-N GONKA-HA-lab",
      "end",
    ),
  ).toEqual({
    user: "root",
    missingTools: ["flock"],
    engine: { kind: "seen", value: "28.2.2" },
    compose: { kind: "seen", value: "2.36.0" },
    containers: {
      kind: "seen",
      value: [
        {
          service: "node-1",
          status: "running",
          restarts: 7,
          startedMs: Date.UTC(2026, 10, 23, 10) + 123,
          oomKilled: true,
          health: "unhealthy",
          imageId: "sha256:aa",
          logDriver: "json-file",
          logMaxSize: undefined,
          restartPolicy: "always",
          ports: ["10.0.0.21:26656", "127.0.0.1:26657"],
          filesLimit: 1_048_576,
        },
      ],
    },
    memory: { kind: "seen", value: { totalKb: 4000, availableKb: 2000, swapTotalKb: 100, swapFreeKb: 50 } },
    load: { kind: "seen", value: { oneMinute: 0.25, cpus: 4 } },
    rebootWanted: true,
    directory: true,
    inodes: { kind: "seen", value: { total: 1000, free: 900 } },
    write: { kind: "seen", value: { writes: 10, tookMs: 23 } },
    secrets: [
      { kind: "file", mode: "600", path: "secrets/nodes/node-1/node_key.json" },
      { kind: "directory", mode: "700", path: "secrets" },
    ],
    readOnly: ["audit.log"],
    books: new Map([["sentry-1", ["abcd"]]]),
    snapshots: new Map([["sentry-1", [900]]]),
    upgrades: new Map([["node-1", ["v0.3"]]]),
    firewall: { kind: "seen", value: { nft: ["table inet gonka_ha_lab {"], iptables: ["-N GONKA-HA-lab"] } },
    reach: new Map([
      ["10.0.0.21:26656", "open"],
      ["10.0.0.21:26657", "closed"],
      ["10.0.0.21:1317", "unknown"],
    ]),
  })
})

it("keeps the reason of what a host could not tell, and turns nothing that it did not tell into zero", () => {
  const probe = parse(
    "no-engine\tpermission denied",
    "no-compose\tno plugin",
    "no-write\tRead-only file system",
    "no-firewall\tyou must be root",
    "end",
  )
  expect(probe).toMatchObject({
    engine: { kind: "unknown", reason: "permission denied" },
    containers: { kind: "unknown", reason: "permission denied" },
    compose: { kind: "unknown", reason: "no plugin" },
    write: { kind: "unknown", reason: "Read-only file system" },
    firewall: { kind: "unknown", reason: "you must be root" },
    memory: { kind: "unknown" },
    load: { kind: "unknown" },
    inodes: { kind: "unknown" },
    directory: false,
  })
})

it("takes numbers only for what they are", () => {
  expect(parse("memory\t4000\t\t100\t50", "load\tmuch\t4", "end")).toMatchObject({ memory: { kind: "unknown" }, load: { kind: "unknown" } })
})

it("knows a container that was never started from one that was", () => {
  const row = ["container", "node-1", "created", "0", "false", "", "", "local", "", "0001-01-01T00:00:00Z", "always", "0", "{}"]
  expect(parse("engine\t28.0.0", row.join("\t"), "end").containers).toMatchObject({
    value: [{ startedMs: undefined, health: undefined, ports: [] }],
  })
})

it("does not take half an answer for a whole one", () => {
  expect(() => parse("engine\t28.2.2")).toThrow("cut short")
})

it.each([
  ["null", []],
  ["{}", []],
  ["", undefined],
  ["[1]", undefined],
  ['{"1/tcp":[{"HostIP":"0.0.0.0"}]}', undefined],
])("does not take ports %s that it cannot read for none", (json, ports) => {
  const row = ["container", "node-1", "running", "0", "false", "", "", "local", "", "", "always", "1", json]
  expect(parse("engine\t28.0.0", row.join("\t"), "end").containers).toMatchObject({ value: [{ ports }] })
})
