import { CHECKS } from "../../src/core/doctor/catalogue.ts"
import { AREA_TITLES, AREAS, type Check } from "../../src/core/doctor/check.ts"
import { madeFrom, page, paragraph, plainText, table } from "./markdown.ts"
import { prose } from "./repository.ts"

/** Every check of `gonka-ha doctor`, area by area. */
export function doctorPage(): string {
  const areas = AREAS.map((area) => ({ title: AREA_TITLES[area], checks: CHECKS.filter(({ id }) => id.startsWith(`${area}.`)) }))
  if (areas.reduce((count, { checks }) => count + checks.length, 0) !== CHECKS.length) throw new Error("a check belongs to no area")
  return page(
    madeFrom("dev/docs/prose/doctor.md", "src/core/doctor/checks"),
    prose("doctor.md"),
    `There are ${CHECKS.length} checks.`,
    ...areas.flatMap(({ title, checks }) => [
      `## ${title}`,
      table(
        ["Check", "What must hold", "Limit"],
        checks.map((check) => [`\`${check.id}\``, plainText(check.title), plainText(limitOf(check))]),
      ),
      ...checks.map(({ id, why, fix }) => paragraph(`\`${id}\`: ${plainText(why)} Fix: ${plainText(fix)}.`, "- ", "  ")),
    ]),
  )
}

function limitOf({ threshold }: Check): string {
  return typeof threshold === "string" ? threshold : "from the topology file; the answer tells it"
}
