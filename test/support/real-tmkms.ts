import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { createServer, type Socket } from "node:net"
import { join } from "node:path"
import protobuf from "protobufjs/minimal.js"
import { onTestFinished } from "vitest"
import type { TmkmsBench, VoteAsked } from "../schedules/contract/tmkms.ts"
import { RFC_8032_KEY } from "./known-keys.ts"
import { temporaryDir } from "./temporary-dir.ts"

const CHAIN = "lab-1"
/** Long enough for a process on a loaded machine to start and dial. */
const PATIENCE_MS = 20_000

/** Fields of `tendermint.privval.Message`, and of what is inside. */
const SIGN_VOTE_REQUEST = 3
const SIGNED_VOTE_RESPONSE = 4
const VOTE = 1
const SIGNATURE = 8

/** The real tmkms in a directory of its own, dialling a node's privval socket on which the bench answers. */
export async function realTmkms(binary: string): Promise<TmkmsBench> {
  const dir = temporaryDir()
  const state = join(dir, "state.json")
  const socketPath = join(dir, "privval.sock")
  writeFileSync(join(dir, "consensus.key"), RFC_8032_KEY.seed)
  writeFileSync(join(dir, "kms-identity.key"), RFC_8032_KEY.seed)
  writeFileSync(join(dir, "tmkms.toml"), config(dir, state, socketPath))
  const connected: Socket[] = []
  let onConnected: () => void = () => {}
  const server = createServer((socket) => {
    socket.on("error", () => {})
    connected.push(socket)
    onConnected()
  })
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  let child: ChildProcess | undefined
  onTestFinished(() => {
    child?.kill("SIGKILL")
    for (const socket of connected) socket.destroy()
    server.close()
  })
  const connection = async (): Promise<Socket> => {
    const open = connected.findLast((socket) => !socket.destroyed && socket.readable)
    if (open) return open
    await within<void>("tmkms dials", (done) => {
      onConnected = done
    })
    return connection()
  }
  return {
    async start(text) {
      if (text !== undefined) writeFileSync(state, text)
      const process = spawn(binary, ["start", "-c", join(dir, "tmkms.toml")], { stdio: "ignore" })
      child = process
      const ended = new Promise<false>((resolve) => process.once("exit", () => resolve(false)))
      return Promise.race([ended, connection().then(() => true)])
    },
    async ask(vote) {
      const socket = await connection()
      const answer = await within("tmkms answers", (done: (answer: Buffer | undefined) => void) => {
        socket.once("data", done)
        socket.once("close", () => done(undefined))
        socket.once("end", () => socket.destroy())
        socket.write(request(vote))
      })
      socket.removeAllListeners("data")
      if (!answer) return "regression"
      return isSigned(answer) ? "signed" : "double-sign"
    },
    state: async () => (existsSync(state) ? readFileSync(state, "utf8") : undefined),
  }
}

function config(dir: string, state: string, socketPath: string): string {
  return `[[chain]]
id = "${CHAIN}"
key_format = { type = "hex" }
state_file = "${state}"

[[validator]]
chain_id = "${CHAIN}"
addr = "unix://${socketPath}"
secret_key = "${join(dir, "kms-identity.key")}"
protocol_version = "v0.34"
reconnect = true

[[providers.softsign]]
chain_ids = ["${CHAIN}"]
path = "${join(dir, "consensus.key")}"
`
}

function request({ height, round, step, content }: VoteAsked): Uint8Array {
  if (step === 0) throw new Error("this bench asks for votes only")
  const vote = protobuf.Writer.create().uint32(8).int32(step).uint32(16).int64(height).uint32(24).int32(round)
  const hash = Buffer.from(content, "hex")
  const parts = protobuf.Writer.create()
  if (content !== "") parts.uint32(8).uint32(1).uint32(18).bytes(hash)
  const block = protobuf.Writer.create()
  if (content !== "") block.uint32(10).bytes(hash)
  block.uint32(18).bytes(parts.finish())
  vote.uint32(34).bytes(block.finish())
  vote.uint32(42).bytes(protobuf.Writer.create().uint32(8).int64(1_790_000_000).finish())
  vote.uint32(50).bytes(new Uint8Array(20).fill(1))
  const body = protobuf.Writer.create().uint32(10).bytes(vote.finish()).uint32(18).string(CHAIN).finish()
  const message = protobuf.Writer.create()
    .uint32((SIGN_VOTE_REQUEST << 3) | 2)
    .bytes(body)
    .finish()
  return protobuf.Writer.create().bytes(message).finish()
}

/** tmkms 0.12 answers a refused vote with an empty one. */
function isSigned(answer: Uint8Array): boolean {
  const message = field(protobuf.Reader.create(answer).bytes(), SIGNED_VOTE_RESPONSE)
  const vote = message && field(message, VOTE)
  const signature = vote && field(vote, SIGNATURE)
  return signature !== undefined && signature.length > 0
}

function field(message: Uint8Array, wanted: number): Uint8Array | undefined {
  const reader = protobuf.Reader.create(message)
  while (reader.pos < reader.len) {
    const head = reader.uint32()
    if (head >>> 3 === wanted && (head & 7) === 2) return reader.bytes()
    reader.skipType(head & 7)
  }
  return undefined
}

function within<T>(what: string, begin: (done: (value: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what}: nothing within ${PATIENCE_MS / 1000} s`)), PATIENCE_MS)
    begin((value) => {
      clearTimeout(timer)
      resolve(value)
    })
  })
}
