/** Ranges that are not routed on the internet: RFC 1918, carrier-grade NAT, loopback (RFC 6890). */
const PRIVATE_RANGES = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|127\.)/

export function isPrivateAddress(ipv4: string): boolean {
  return PRIVATE_RANGES.test(ipv4)
}
