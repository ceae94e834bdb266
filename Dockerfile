# One image for the server and the workers; docker-compose.yml says which of them a container is.
# For the same bits every time, give the digest of the base: --build-arg NODE_IMAGE=node:22-bookworm-slim@sha256:...
ARG NODE_IMAGE=node:22-bookworm-slim

# What packages are installed from: this layer, and those of the two installations, change with these files only.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /airmeta
COPY package.json package-lock.json .npmrc ./
COPY apps/api/package.json apps/api/
COPY apps/cli/package.json apps/cli/
COPY apps/embedded/package.json apps/embedded/
COPY apps/web/package.json apps/web/
COPY apps/worker/package.json apps/worker/
COPY libs/channel/package.json libs/channel/
COPY libs/charts/package.json libs/charts/
COPY libs/client/package.json libs/client/
COPY libs/compute/package.json libs/compute/
COPY libs/datasets/package.json libs/datasets/
COPY libs/lab/package.json libs/lab/
COPY libs/learning/package.json libs/learning/
COPY libs/numerics/package.json libs/numerics/
COPY libs/persistence/package.json libs/persistence/
COPY libs/queue/package.json libs/queue/
COPY libs/service/package.json libs/service/
COPY libs/simulation/package.json libs/simulation/
COPY libs/spec/package.json libs/spec/
COPY libs/tasks/package.json libs/tasks/
COPY test/package.json test/

# What runs: no tools, and nothing that an installation may go without, such as TensorFlow's native library.
FROM manifests AS production
RUN npm ci --omit=dev --omit=optional -w @airmeta/api -w @airmeta/worker -w @airmeta/cli

FROM manifests AS build
RUN npm ci
COPY . .
RUN node prisma/generate.mjs \
  && node scripts/build-kernels.mjs \
  && npx tsc -b apps/api apps/worker apps/cli \
  && npm run build -w @airmeta/web \
  && rm -rf node_modules apps/*/node_modules libs/*/node_modules \
  && find apps libs -type d \( -name src -o -name assembly -o -name test \) -prune -exec rm -rf {} +

FROM ${NODE_IMAGE}
ENV NODE_ENV=production
WORKDIR /airmeta
# All of it belongs to root: the user below reads it and can write none of it.
COPY --from=production /airmeta ./
COPY --from=build /airmeta/LICENSE ./
COPY --from=build /airmeta/prisma prisma
COPY --from=build /airmeta/examples examples
COPY --from=build /airmeta/libs libs
COPY --from=build /airmeta/apps apps
USER 1000:1000
EXPOSE 3000
# Of the server. A worker has no port: it tells the database every few seconds that it lives.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT ?? 3000}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "apps/api/dist/main.js"]
