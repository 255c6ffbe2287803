const PRIVATE_RANGES = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|127\.)/

/** An address that the internet does not route (RFC 1918, RFC 6598), this machine's own included. */
export function isPrivateAddress(address: string): boolean {
  return PRIVATE_RANGES.test(address)
}

export function isLoopback(address: string): boolean {
  return address.startsWith("127.")
}
