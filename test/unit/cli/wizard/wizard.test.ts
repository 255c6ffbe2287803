import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { initDeployment, writeInit } from "../../../../src/app/init.ts"
import { sameCommand } from "../../../../src/cli/wizard/summary.ts"
import { askForInit, type Given } from "../../../../src/cli/wizard/wizard.ts"
import { localFiles } from "../../../../src/edge/local-files.ts"
import { answering, type Script } from "../../../support/answering.ts"
import { COMET_VALIDATOR, COMET_VALIDATOR_KEY, RFC_8032_KEY } from "../../../support/known-keys.ts"
import { localPorts } from "../../../support/local-ports.ts"
import { temporaryDir } from "../../../support/temporary-dir.ts"

async function asked(script: Script, options: Partial<Given> = {}) {
  const dir = temporaryDir()
  const person = answering(script)
  const given: Given = { file: join(dir, "gonka-ha.yaml"), settings: [], ...options }
  const result = await askForInit(localPorts, person.questions, given).then(
    (outcome) => ({ outcome, error: undefined }),
    (error: unknown) => ({ outcome: undefined, error }),
  )
  return { ...person, ...result, dir }
}

/** What was agreed on; fails with the error when there was one. */
async function agreed(script: Script, options: Partial<Given> = {}) {
  const { outcome, error, ...person } = await asked(script, options)
  if (!outcome) throw error
  expect([...person.unused]).toEqual([])
  return { ...outcome, ...person }
}

function keyFiles() {
  const dir = temporaryDir()
  writeFileSync(join(dir, "comet.json"), COMET_VALIDATOR_KEY)
  writeFileSync(join(dir, "softsign.key"), RFC_8032_KEY.seed)
  writeFileSync(join(dir, "state.json"), '{"height":"41","round":0,"step":3}')
  return { comet: join(dir, "comet.json"), softsign: join(dir, "softsign.key"), state: join(dir, "state.json") }
}

describe("askForInit", () => {
  it("asks for network, shape, name and key, and then for every placeholder in the order of the file", async () => {
    const { asked: questions, request } = await agreed({})
    expect(request).toMatchObject({ profile: "gonka-mainnet", preset: "ha-2", name: "gonka", settings: [] })
    expect(questions).toEqual([
      "Which network?",
      "Which shape?",
      "Name of the deployment",
      "Is there a consensus key that is to go on signing here? Without one, a new key is made.",
      "Image of the chain node",
      "Image of the signer",
      "sen-1 (sentry-1): how SSH reaches it",
      "sen-1 (sentry-1): private address",
      "sen-1 (sentry-1): public address",
      "sen-2 (sentry-2): how SSH reaches it",
      "sen-2 (sentry-2): private address",
      "sen-2 (sentry-2): public address",
      "val-1 (node-1): how SSH reaches it",
      "val-1 (node-1): private address",
      "val-2 (node-2): how SSH reaches it",
      "val-2 (node-2): private address",
      "sig-1 (signer of main): how SSH reaches it",
      "sig-1 (signer of main): private address",
      "Write it?",
    ])
  })

  it("asks for the network itself where no profile knows it", async () => {
    const { asked: questions, request } = await agreed({
      "Which network?": "devnet",
      "Which shape?": "solo",
      "Chain id": "lab-1",
      "Where the genesis file comes from": "http://10.1.0.1:26657, http://10.1.0.2:26657",
      "Nodes of the network": `${"1".repeat(40)}@10.1.0.1:26656`,
    })
    expect(questions).not.toContainEqual(expect.stringContaining("public address"))
    expect(request.settings).toEqual([
      "chain.id=lab-1",
      "chain.genesis.rpc=[http://10.1.0.1:26657, http://10.1.0.2:26657]",
      `chain.peers=[${"1".repeat(40)}@10.1.0.1:26656]`,
    ])
  })

  it("refuses a wrong answer at once, in the words of validate", async () => {
    const { refusals, request } = await agreed({
      "Which network?": "devnet",
      "Name of the deployment": ["My Lab", "lab"],
      "Chain id": ["7", "lab-1"],
      "genesis file": ["http://10.1.0.1:26657", "http://10.1.0.1:26657,http://10.1.0.2:26657"],
      "sen-1 (sentry-1): private": ["10.0.0", "10.0.0.1"],
      "sen-2 (sentry-2): private": ["10.0.0.1", "10.0.0.2"],
    })
    expect(refusals).toEqual([
      "must be a lower-case name: a letter, then up to 30 letters, digits or dashes",
      "needs two sources: they must agree",
      "must be an IPv4 address (peers are dialled by address, never by name)",
      expect.stringContaining("is also the private address of sen-1"),
    ])
    expect(request.settings).toContain('chain.id="7"')
  })

  it("takes existing keys with their states, and checks them before it goes on", async () => {
    const { comet, softsign, state } = keyFiles()
    const { request, prepared, refusals, told } = await agreed({
      "Which shape?": "multi-validator",
      "consensus key": true,
      "key of validator a": ["/nowhere/key", comet],
      "key of validator b": [comet, softsign],
      "last signing state": [comet, state],
    })
    expect(request).toMatchObject({ keyFiles: [`a=${comet}`, `b=${softsign}`], stateFiles: [`a=${state}`, `b=${state}`] })
    expect(prepared.validators.map(({ origin }) => (origin.kind === "imported" ? origin.pubkey : origin.kind))).toEqual([
      COMET_VALIDATOR.pubkey,
      RFC_8032_KEY.pubkey,
    ])
    expect(refusals).toEqual([
      "cannot read /nowhere/key: there is no such file",
      expect.stringContaining("the state file"),
      expect.stringContaining("validators.b.pubkey: is the key of validator a"),
      expect.stringContaining("the state file"),
    ])
    expect(told.at(-1)).toContain(`validator a: the imported key ${COMET_VALIDATOR.pubkey}; nothing below height 42 can be signed`)
  })

  it("makes a key where none is named, and reads `~/` as a shell would", async () => {
    const { request } = await agreed({ "consensus key": true, "key of validator main": "" })
    expect(request.keyFiles).toBeUndefined()
    const { refusals } = await asked({ "consensus key": true, "key of validator main": ["~/key", ""] })
    expect(refusals).toEqual(["cannot read /home/operator/key: there is no such file"])
  })

  it("does not ask for what the command line says", async () => {
    const { asked: questions } = await agreed(
      {},
      {
        profile: "gonka-testnet",
        name: "lab",
        keyFiles: [keyFiles().comet],
        settings: ["hosts.sig-1.ssh=sig-1", "images.node=example/node:1"],
      },
    )
    for (const part of ["Which network?", "Name of", "consensus key", "sig-1 (signer of main): how SSH", "Image of the chain node"])
      expect(questions).not.toContainEqual(expect.stringContaining(part))
  })

  it("shows what will be made before it is", async () => {
    const { told, dir } = await agreed({ "sen-1 (sentry-1): how SSH": "sen-1", "Image of the signer": "example/tmkms:1" })
    expect(told.at(-1)?.replaceAll(dir, "DIR")).toBe(`This is what will be made
deployment gonka: the shape ha-2 on gonka-mainnet
  sen-1  sentry-1
  sen-2  sentry-2
  val-1  node-1
  val-2  node-2
  sig-1  signer of main
validator main: a new consensus key
writes DIR/gonka-ha.yaml, beside it .gitignore, and below .gonka-ha the keys that are missing
left for you to fill in:
  images.node
  hosts.sen-1.private
  hosts.sen-1.public
  hosts.sen-2.ssh
  hosts.sen-2.private
  hosts.sen-2.public
  hosts.val-1.ssh
  hosts.val-1.private
  hosts.val-2.ssh
  hosts.val-2.private
  hosts.sig-1.ssh
  hosts.sig-1.private
warning GHA-851: images.tmkms: is named by a tag, not by its digest`)
  })

  it.each(["Which network?", "Name of the deployment", "consensus key", "sig-1 (signer of main): private", "Write it?"])(
    "leaves nothing behind when Ctrl-C is pressed at %s",
    async (question) => {
      const { error, dir } = await asked({ [question]: "^C" })
      expect(error).toMatchObject({ code: "CANCELLED", exit: 10 })
      expect(await localFiles.list(dir)).toEqual([])
    },
  )

  it("writes nothing when the last answer is no", async () => {
    const { error, dir } = await asked({ "Write it?": false })
    expect(error).toMatchObject({ code: "CANCELLED", exit: 10 })
    expect(await localFiles.list(dir)).toEqual([])
  })

  it("asks nothing when the file is there, and nothing more when an option is wrong", async () => {
    const file = join(temporaryDir(), "gonka-ha.yaml")
    writeFileSync(file, "mine")
    expect(await asked({}, { file })).toMatchObject({ error: { code: "FILE_EXISTS", exit: 6 }, asked: [] })
    const misspelt = await asked({}, { settings: ["imagse.node=x"] })
    expect(misspelt).toMatchObject({ error: { code: "SPEC_INVALID" }, asked: ["Which network?", "Which shape?"] })
  })
})

describe("the answers", () => {
  it("give the same file as the command without questions that is printed after them", async () => {
    const { comet } = keyFiles()
    const { request, prepared } = await agreed({
      "Which network?": "devnet",
      "Name of the deployment": "lab",
      "consensus key": true,
      "key of validator main": comet,
      "last signing state": "",
      "Chain id": "it's: odd",
      "Image of the chain node": "example/node:1",
      "sen-1 (sentry-1): private": "10.0.0.1",
    })
    const { file } = await writeInit(localPorts, prepared)
    const other = join(temporaryDir(), "gonka-ha.yaml")
    await initDeployment(localPorts, { ...request, file: other })
    expect(readFileSync(file, "utf8")).toBe(readFileSync(other, "utf8"))
    expect(sameCommand({ ...request, file: "gonka-ha.yaml" }).replace(comet, "KEY")).toBe(
      `gonka-ha init --preset ha-2 --profile devnet --name lab --import-consensus-key KEY --set 'chain.id="it'\\''s: odd"' --set images.node=example/node:1 --set hosts.sen-1.private=10.0.0.1`,
    )
    expect(sameCommand({ ...request, file: "my lab.yaml" })).toMatch(/ -f 'my lab\.yaml'$/)
  })
})
