export type TomlValue = string | number | boolean | readonly string[]

/** Flat settings, `table.key` to value, in the order in which they are written. */
export type FlatToml = Readonly<Record<string, TomlValue>>
