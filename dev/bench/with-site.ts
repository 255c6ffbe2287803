import type { LayoutName } from "../../test/drill/layouts.ts"
import { initArguments, openSite, type Site } from "../../test/drill/site.ts"
import { Lab } from "../../test/lab/lab.ts"
import { ensureSetup } from "../setup/ensure-setup.ts"
import type { Report } from "../setup/report.ts"

/** Bringing up many containers on one machine may take longer than half of the usual window. */
const WIDE_WINDOW_BLOCKS = 1000

/** Fresh hosts and an outside chain, with a rendered deployment that is not up yet; gone when `work` ends. Five hosts as a rule. */
export async function withSite<T>(
  label: string,
  blockMs: number,
  report: Report,
  work: (site: Site) => Promise<T>,
  layout: LayoutName = "ha-2",
): Promise<T> {
  await ensureSetup(report)
  await Lab.cleanStale(report)
  const site = await openSite({ label, blockMs, report, layout, ...(layout === "ha-2" ? {} : { windowBlocks: WIDE_WINDOW_BLOCKS }) })
  try {
    await site.operator.must(initArguments(site, blockMs))
    await site.operator.must(["render"])
    return await work(site)
  } finally {
    await site.down()
  }
}
