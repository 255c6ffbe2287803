import { wantedImages } from "../setup/wanted-images.ts"

/** Hosts that carry one node each, and one more for the signer; a single host carries everything. */
export type WideRequest = { readonly hosts: number; readonly sshConfig: string }

/** A deployment of so many hosts, which are called `wide-1` and so on also in the ssh configuration. */
export function wideSpec({ hosts, sshConfig }: WideRequest): string {
  const { node, tmkms } = wantedImages()
  const names = Array.from({ length: hosts }, (_, index) => `wide-${index + 1}`)
  const [first = ""] = names
  const half = Math.floor((hosts - 1) / 2)
  const sentryHosts = hosts === 1 ? names : names.slice(0, half)
  const privateHosts = hosts === 1 ? names : names.slice(half, -1)
  const nodes = Math.max(2, privateHosts.length)
  return JSON.stringify({
    apiVersion: "gonka-ha/v1",
    name: "wide",
    profile: "devnet",
    ssh: { config: sshConfig },
    chain: {
      id: "wide-1",
      genesis: { rpc: ["http://198.51.100.1:26657", "http://198.51.100.2:26657"] },
      peers: [`${"a".repeat(40)}@198.51.100.1:26656`],
    },
    images: { node, tmkms },
    hosts: Object.fromEntries(names.map((name, index) => [name, { ssh: name, private: `10.9.0.${index + 1}`, provider: name }])),
    sentries: { sentry: { count: Math.max(2, sentryHosts.length), hosts: sentryHosts } },
    private: { node: { count: nodes, hosts: privateHosts, ports: { p2p: 27656, rpc: 27657, rest: 2317, grpc: 10090, privval: 27658 } } },
    validators: {
      main: {
        candidates: ["node-1", "node-2"],
        firstActive: "node-1",
        // Only its form counts here: nothing is ever signed with it.
        pubkey: "XfWbGaVKGDe2iJlrVfVFmGTMtqCdnTeVyZPZNUEf0jE=",
        signer: { host: names.at(-1) ?? first },
      },
    },
    ...(hosts === 1 ? { suppress: ["GHA-210", "GHA-305"].map((rule) => ({ rule, reason: "one host is all there is here" })) } : {}),
  })
}
