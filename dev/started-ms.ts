/** When the person pressed Enter, in Unix milliseconds: dev/run.mjs tells, so that installing and building count, too. */
export function startedMs(): number {
  const told = Number(process.env.GONKA_HA_STARTED_MS)
  return told > 0 ? told : performance.timeOrigin
}
