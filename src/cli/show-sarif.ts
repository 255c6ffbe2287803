import type { Validation } from "../app/validate.ts"
import type { Issue, Place } from "../core/issue.ts"
import { EXPLAINED_RULES, type ExplainedRule } from "../core/spec/rules/explained.ts"

/** The findings as SARIF 2.1.0, which code hosts and editors show at the lines of the file. */
export function sarifText({ issues, suppressed }: Validation, version: string): string {
  const log = {
    $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "gonka-ha", version, rules: EXPLAINED_RULES.map(descriptorOf) } },
        // The YAML parser counts columns as JavaScript counts characters.
        columnKind: "utf16CodeUnits",
        results: [
          ...issues.map(resultOf),
          ...suppressed.map(({ issue, reason }) => ({ ...resultOf(issue), suppressions: [{ kind: "inSource", justification: reason }] })),
        ],
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

function descriptorOf({ id, title, severity, why, fix }: ExplainedRule) {
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: why },
    help: { text: fix },
    defaultConfiguration: { level: severity },
  }
}

function resultOf({ rule, severity, path, message, fix, place }: Issue) {
  const index = EXPLAINED_RULES.findIndex(({ id }) => id === rule)
  return {
    ...(rule === undefined ? {} : { ruleId: rule }),
    ...(index < 0 ? {} : { ruleIndex: index }),
    level: severity,
    message: { text: `${path === "" ? "" : `${path}: `}${message}${fix === undefined ? "" : ` (fix: ${fix})`}` },
    locations: [
      {
        ...(place === undefined ? {} : { physicalLocation: physicalLocation(place) }),
        ...(path === "" ? {} : { logicalLocations: [{ fullyQualifiedName: path }] }),
      },
    ],
  }
}

function physicalLocation({ file, line, column }: Place) {
  // A relative path is a relative URI; a code host resolves it against the root of the repository.
  const uri = file.split("/").map(encodeURIComponent).join("/").replace(/^\.\//, "")
  return {
    artifactLocation: { uri: file.startsWith("/") ? `file://${uri}` : uri },
    region: { startLine: line, startColumn: column },
  }
}
