# One image for the server and the workers; docker-compose.yml says which of them a container is.
FROM node:22-bookworm-slim AS build
WORKDIR /airmeta
COPY . .
RUN npm ci && npm run build

FROM node:22-bookworm-slim
ENV NODE_ENV=production
WORKDIR /airmeta
COPY --from=build --chown=node:node /airmeta /airmeta
USER node
CMD ["node", "apps/api/dist/main.js"]
