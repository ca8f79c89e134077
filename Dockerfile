FROM node:22-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN npm run build
# With --build-arg WITH_CCXT=yes the image can trade at exchanges (23 MB more).
ARG WITH_CCXT=no
RUN node scripts/image.mjs /image $([ "$WITH_CCXT" = yes ] && echo --with-ccxt)

FROM node:22-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
WORKDIR /app
COPY --from=build /image ./
# A volume takes its owner from the folder that it is mounted over.
RUN mkdir /data && chown node:node /data
VOLUME /data
USER node
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 3000) + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# As `npm start` has it: room for what lives shortly, and an embedded database that takes no more memory than it needs.
CMD ["node", "--max-semi-space-size=32", "--liftoff-only", "dist/main.js"]
