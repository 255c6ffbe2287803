import { readFileSync } from "node:fs"

/**
 * A program built from source. `script` is POSIX sh, runs in an empty work directory that holds `files`, and leaves
 * the program at ./out/NAME; it is the same whether a toolchain of this machine or one in a container runs it.
 */
export type Binary = {
  readonly name: string
  readonly toolchain: {
    readonly program: "go" | "cargo"
    readonly versionArgs: readonly string[]
    readonly minimum: readonly [number, number]
  }
  readonly files: Readonly<Record<string, string>>
  readonly script: string
}

const SIMD_MODULE = new URL("./simd/", import.meta.url)

/** The Cosmos SDK's own test application with Gonka's CometBFT; the module holds no code of ours. */
export const SIMD: Binary = {
  name: "simd",
  toolchain: { program: "go", versionArgs: ["version"], minimum: [1, 23] },
  files: {
    "go.mod": readFileSync(new URL("go.mod", SIMD_MODULE), "utf8"),
    "go.sum": readFileSync(new URL("go.sum", SIMD_MODULE), "utf8"),
  },
  script:
    'CGO_ENABLED=0 go build -mod=readonly -buildvcs=false -trimpath -ldflags "-s -w" -o out/simd github.com/cosmos/ibc-go/v8/testing/simapp/simd',
}

/** The signer, in the version that Gonka's own image has. */
export const TMKMS: Binary = {
  name: "tmkms",
  toolchain: { program: "cargo", versionArgs: ["--version"], minimum: [1, 74] },
  files: {},
  script:
    "cargo install tmkms --version 0.12.0 --features softsign --locked --root install --target-dir target && mkdir -p out && cp install/bin/tmkms out/tmkms",
}
