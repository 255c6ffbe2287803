import fc from "fast-check"
import { expect, it } from "vitest"
import { fromKernel, toKernel } from "../../../../src/core/observe/kernel-address.ts"

it.each([
  ["127.0.0.1:26658", "0100007F:6822"],
  ["10.0.0.22:80", "1600000A:0050"],
  ["255.254.1.0:65535", "0001FEFF:FFFF"],
])("%s is %s to the kernel of a little-endian machine", (address, hex) => {
  expect(toKernel(address)).toBe(hex)
  expect(fromKernel(hex)).toBe(address)
})

it("gives every address back", () => {
  const address = fc.tuple(fc.ipV4(), fc.integer({ min: 1, max: 65535 })).map(([ip, port]) => `${ip}:${port}`)
  fc.assert(fc.property(address, (text) => fromKernel(toKernel(text)) === text))
})
