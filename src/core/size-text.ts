const MIB = 1024 ** 2
const GIB = 1024 ** 3

/** A size for people: `12.5 GiB`, `300 MiB`. */
export function sizeText(bytes: number): string {
  return bytes >= GIB ? `${(bytes / GIB).toFixed(1)} GiB` : `${Math.floor(bytes / MIB)} MiB`
}
