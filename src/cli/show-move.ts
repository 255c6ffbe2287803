import type { MoveResult } from "../app/move.ts"
import { receiptText } from "../core/history/receipt-text.ts"
import { movePlanText } from "./show-plan.ts"

export function moveText(result: MoveResult): string {
  switch (result.kind) {
    case "already":
      return `${result.node} is the active validator already: nothing to do\n`
    case "planned":
      return `${movePlanText(result.plan)}dry run: nothing was changed\n`
    case "moved":
      return `${receiptText(result.receipt)}\n  receipt: ${result.path}\n`
  }
}
