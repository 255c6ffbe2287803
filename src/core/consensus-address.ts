import { bech32, hex } from "@scure/base"

/** Bech32 form of a validator's consensus address, as slashing queries want it. */
export function consensusAddress(prefix: string, addressHex: string): string {
  return bech32.encode(prefix, bech32.toWords(hex.decode(addressHex.toLowerCase())))
}
