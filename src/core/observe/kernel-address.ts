/** Far ends of connections as the kernel writes them in `/proc/net/tcp`: the IPv4 address little-endian, the port big-endian, both in hex. */

export function fromKernel(hex: string): string {
  const [address = "", port = ""] = hex.split(":")
  const bytes = (address.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).reverse()
  return `${bytes.join(".")}:${Number.parseInt(port, 16)}`
}

export function toKernel(address: string): string {
  const [ip = "", port = ""] = address.split(":")
  const hex = (value: string, digits: number) => Number(value).toString(16).toUpperCase().padStart(digits, "0")
  const bytes = ip.split(".").map((byte) => hex(byte, 2))
  return `${bytes.reverse().join("")}:${hex(port, 4)}`
}
