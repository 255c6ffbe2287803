/** One Docker host of the lab. `name` is its ssh alias, `address` its IPv4 address on the lab network. */
export type LabHost = { readonly name: string; readonly address: string; readonly container: string }
