/** What the measure of a node's home tells: 2 MiB of data and much room. */
export const MEASURED_DATA = "place\tordinary\nprogram\timage\ndata\t2048\naside\t0\nincoming\t0\ndisk\t500000000\t200000000\nend\n"
