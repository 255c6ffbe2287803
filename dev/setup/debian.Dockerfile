# Used where images can be pulled and debootstrap cannot run (not root, not Debian). Not tested on the CI machine,
# which can pull nothing: there the same packages come from debootstrap (debootstrap-image.ts).
FROM debian:trixie-slim
ARG PACKAGES
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${PACKAGES} \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /usr/share/doc /usr/share/man /usr/share/locale
