/** An image that is Debian and a list of packages, nothing else. */
export type DebianImage = { readonly name: string; readonly packages: readonly string[] }

export const SUITE = "trixie"

/** One lab host: an engine of its own, compose and sshd. */
export const HOST_IMAGE: DebianImage = {
  name: "host",
  packages: [
    "ca-certificates",
    "curl",
    "docker-cli",
    "docker-compose",
    "docker.io",
    "haproxy",
    "iproute2",
    "iptables",
    "iputils-ping",
    "openssh-server",
    "procps",
    "sudo",
  ],
}

/** What the node and signer binaries, and the product's entrypoint scripts around them, need. */
export const CHAIN_BASE_IMAGE: DebianImage = {
  name: "chain-base",
  packages: ["ca-certificates", "curl", "jq", "openssl", "procps"],
}

/** Load balancers: HAProxy as Debian has it, started as our Compose files say. */
export const HAPROXY_IMAGE: DebianImage = { name: "haproxy", packages: ["haproxy"] }

/** The toolchains, for machines that have none of their own. */
export const BUILDER_IMAGE: DebianImage = {
  name: "builder",
  packages: ["ca-certificates", "cargo", "gcc", "git", "golang-go", "libc6-dev", "pkg-config"],
}
