import { createRequire } from 'node:module'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

const require = createRequire(import.meta.url)

export default defineConfig({
	main: {
		build: {
			rollupOptions: {
				input: {
					index: 'src/main/index.ts',
					cli: 'src/cli/index.ts',
					imagingHost: 'src/hosts/imaging/index.ts',
					inferenceHost: 'src/hosts/inference/index.ts',
					trainingHost: 'src/hosts/training/index.ts',
					reviewHost: 'src/hosts/training/review/index.ts',
					imageWorker: 'src/hosts/training/data/images/worker.ts',
				},
			},
		},
	},
	preload: {
		build: {
			// A sandboxed preload script must be one CommonJS file.
			rollupOptions: { input: { index: 'src/preload/index.ts' }, output: { format: 'cjs', entryFileNames: '[name].cjs' } },
		},
	},
	renderer: {
		root: 'src/renderer',
		plugins: [react()],
		build: {
			rollupOptions: { input: 'src/renderer/index.html' },
			chunkSizeWarningLimit: 8000,
			// The policy of the page knows no data: addresses of fonts.
			assetsInlineLimit: 0,
		},
		worker: { format: 'es' },
		resolve: {
			// vtk.js (below Cornerstone3D) wants these two of Node; without the polyfills the bundle dies at its start.
			alias: { events: require.resolve('events/'), url: require.resolve('url/') },
		},
	},
})
