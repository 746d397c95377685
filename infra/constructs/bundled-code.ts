import { AssetHashType, DockerImage } from 'aws-cdk-lib'
import { Code } from 'aws-cdk-lib/aws-lambda'
import { buildSync } from 'esbuild'
import { bundleOptions } from '../bundle-options.ts'

/**
 * The code of a function whose `handler` is in the TypeScript file `entry`. Bundled here because `NodejsFunction` makes
 * one file of everything, which a cold start then has to load.
 */
export function bundledCode(entry: string, projectRoot: string): Code {
  return Code.fromAsset(projectRoot, {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never used, as bundling here needs no container; but the CDK takes bundlings with one command for the same.
      image: DockerImage.fromRegistry('none'),
      command: [entry],
      local: {
        tryBundle: (outdir) => {
          buildSync({ ...bundleOptions, entryPoints: { index: entry }, outdir, logLevel: 'warning' })
          return true
        },
      },
    },
  })
}
