/** Serverless plugin: builds the functions before they are packaged. */
export default class BuildPlugin {
  constructor(serverless, options, { log }) {
    this.hooks = {
      'before:package:createDeploymentArtifacts': async () => {
        const { buildAll, table } = await import('../scripts/build.ts');
        log.info(table(await buildAll(serverless.serviceDir)));
      },
    };
  }
}
