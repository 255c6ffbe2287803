import { initArguments, openSite, type Site } from "../../test/drill/site.ts"
import { Lab } from "../../test/lab/lab.ts"
import { ensureSetup } from "../setup/ensure-setup.ts"
import type { Report } from "../setup/report.ts"

/** Five fresh hosts and an outside chain, with a rendered deployment that is not up yet; gone when `work` ends. */
export async function withSite<T>(label: string, blockMs: number, report: Report, work: (site: Site) => Promise<T>): Promise<T> {
  await ensureSetup(report)
  await Lab.cleanStale(report)
  const site = await openSite({ label, blockMs, report })
  try {
    await site.operator.must(initArguments(site, blockMs))
    await site.operator.must(["render"])
    return await work(site)
  } finally {
    await site.down()
  }
}
