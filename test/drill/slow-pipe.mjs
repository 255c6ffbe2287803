// An SSH ProxyCommand: connects to HOST PORT and holds every piece back for MS in each direction, like a host that is far away.
import { connect } from "node:net"

const [host, port, ms] = process.argv.slice(2)
const socket = connect({ host, port: Number(port), noDelay: true })

/** Timers of one length end in the order in which they began, so the pieces stay in order. */
function holdBack(from, to) {
  from.on("data", (piece) => setTimeout(() => to.write(piece), Number(ms)))
  from.on("end", () => setTimeout(() => to.end(), Number(ms)))
}

holdBack(process.stdin, socket)
holdBack(socket, process.stdout)
socket.on("error", (error) => {
  process.stderr.write(`slow-pipe: ${error.message}\n`)
  process.exit(1)
})
socket.on("close", () => setTimeout(() => process.exit(0), Number(ms)))
