import { execa } from "execa"
import { ensureSetup } from "../../dev/setup/ensure-setup.ts"
import { makeCometKey } from "./chain/comet-keys.ts"
import { isSshGreeting } from "./host/wait-for-host.ts"
import { Lab } from "./lab.ts"
import { labResources } from "./lab-resources.ts"
import { Witness } from "./witness/witness.ts"

/*
 * Shows in about a minute that the lab itself works, without the product. Every line is a check that was made; the
 * first one that fails ends the run.
 */

const report = (line: string) => process.stderr.write(`${line}\n`)
const HOSTS = ["sen-1", "sen-2", "node-1", "node-2", "signer-1"]

async function check(name: string, look: () => Promise<string | boolean>): Promise<void> {
  const startedMs = performance.now()
  const answer = await look()
  const ms = Math.round(performance.now() - startedMs)
  if (answer === false || answer === "") throw new Error(`${name}: no`)
  report(`ok  ${name}: ${answer} (${ms} ms)`)
}

async function ssh(lab: Lab, host: string, command: string, timeoutMs = 10_000): Promise<string> {
  const result = await execa("ssh", ["-F", lab.sshConfig, "-o", "ConnectTimeout=2", host, command], { reject: false, timeout: timeoutMs })
  return result.failed ? "" : result.stdout.trim()
}

async function checkHosts(lab: Lab): Promise<void> {
  for (const host of HOSTS)
    await check(`ssh ${host}`, () => ssh(lab, host, 'docker compose version --short; docker version --format "{{.Server.Version}}"'))
  await check("an inner container starts again by itself after a power loss", async () => {
    await ssh(lab, "node-1", `docker run -d --name sleeper --restart always ${lab.images.node} sleep 100000`)
    await lab.kill("node-1")
    if (await isSshGreeting(lab.host("node-1").address)) throw new Error("a killed host still greets")
    await lab.powerOn("node-1")
    return ssh(lab, "node-1", 'until docker ps --format "{{.Names}} {{.Status}}" | grep sleeper; do sleep 0.1; done')
  })
}

async function checkPerturbations(lab: Lab): Promise<void> {
  const { address } = lab.host("node-2")
  await check("cut: sshd is out of reach", async () => {
    await lab.cut("node-2")
    return !(await isSshGreeting(address))
  })
  await check("heal: the old address answers again", async () => {
    await lab.heal("node-2")
    return ssh(lab, "node-2", "hostname -I")
  })
  await check("pause: sshd hangs", async () => {
    await lab.pause("node-2")
    return !(await isSshGreeting(address))
  })
  await check("unpause: it answers again", async () => {
    await lab.unpause("node-2")
    return ssh(lab, "node-2", "hostname")
  })
}

async function checkChain(lab: Lab): Promise<void> {
  const key = makeCometKey()
  const chain = await lab.startChain({ consensusPubkeyBase64: key.publicKeyBase64, blockMs: 1000 })
  const witness = new Witness({ rpc: chain.genesisRpc, publicKeyBase64: key.publicKeyBase64 })
  await check("a lab host reaches the chain", () => ssh(lab, "signer-1", `curl -fsS ${chain.genesisRpc[0]}/genesis | wc -c`))
  await check("the witness sees our validator miss everything", async () => {
    const { from, to, missed, signed, doubleSigns, tombstoned } = await witness.testify(2, 6)
    return missed.length === 5 && signed.length + doubleSigns.length === 0 && !tombstoned && `missed ${missed.length} of ${from}..${to}`
  })
  await check("transactions are accepted", async () => {
    chain.load.start({ perSecond: 20 })
    await witness.waitForJudged((await chain.height()) + 4)
    await chain.load.stop()
    return chain.load.sent > 20 && `${chain.load.sent} sent, ${await includedTransactions(chain.genesisRpc[0] ?? "")} in blocks`
  })
}

async function includedTransactions(url: string): Promise<string> {
  const response = await fetch(`${url}/tx_search?query="message.action='/cosmos.bank.v1beta1.MsgSend'"&per_page=1`)
  const body = await response.text()
  return /"total_count":"(\d+)"/.exec(body)?.[1] ?? "unknown"
}

async function leftovers(lab: Lab): Promise<readonly string[]> {
  const resources = (await labResources(lab.id)).map(({ kind, name }) => `${kind} ${name}`)
  const groups = await execa("find", ["/sys/fs/cgroup", "-maxdepth", "3", "-path", `*/gonka-ha-lab/${lab.id}*`], { reject: false })
  return [...resources, ...groups.stdout.split("\n").filter((line) => line !== "")]
}

await ensureSetup(report)
await Lab.cleanStale(report)
const lab = await Lab.create({ hosts: HOSTS, label: "smoke" }, { report })
try {
  await checkHosts(lab)
  await checkPerturbations(lab)
  await checkChain(lab)
  await check("two labs live side by side", async () => {
    const other = await Lab.create({ hosts: ["other"], label: "smoke2" }, { report })
    const answer = await ssh(other, "other", "hostname")
    await other.down()
    return answer
  })
} finally {
  await lab.down()
}
await check("nothing is left", async () => {
  const left = await leftovers(lab)
  if (left.length > 0) throw new Error(left.join("\n"))
  return true
})
