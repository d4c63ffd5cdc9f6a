/** The direction of imports that docs/architecture.md draws. */
const forbid = (name, from, to, comment) => ({ name, severity: 'error', comment, from: { path: from }, to: { path: to } })

module.exports = {
	forbidden: [
		{ name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
		{ name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '\\?raw$|\\?url$' } },
		forbid('common-is-the-bottom', '^src/common/', '^src/(onnx|zoo|hosts|main|preload|renderer|cli)/', 'common knows nobody'),
		forbid('common-is-pure', '^src/(common|onnx|zoo)/', '^(electron|react|better-sqlite3|onnxruntime-node|sharp|ws)$', 'no environment in the pure rooms'),
		{ name: 'pure-rooms-without-node', severity: 'error', from: { path: '^src/(common|onnx|zoo)/' }, to: { dependencyTypes: ['core'] } },
		forbid('onnx-above-common', '^src/onnx/', '^src/(zoo|hosts|main|preload|renderer|cli)/', 'onnx imports common alone'),
		forbid('zoo-above-onnx', '^src/zoo/', '^src/(hosts|main|preload|renderer|cli)/', 'zoo imports onnx and common'),
		forbid('hosts-alone', '^src/hosts/', '^src/(main|preload|renderer|cli)/', 'a host is reached through the contract'),
		forbid('hosts-apart', '^src/hosts/imaging/', '^src/hosts/(inference|training)/', 'hosts do not share code but serve.ts'),
		forbid('hosts-apart-too', '^src/hosts/inference/', '^src/hosts/(imaging|training)/', 'hosts do not share code but serve.ts'),
		forbid('main-through-contract', '^src/main/', '^src/(hosts|onnx|zoo|preload|renderer|cli)/', 'main reaches a host through the contract'),
		forbid('renderer-knows-common', '^src/renderer/', '^src/(main|hosts|onnx|zoo|preload|cli)/', 'the page knows the contract and nothing else'),
		forbid('preload-alone', '^src/preload/', '^src/', 'the bridge imports nothing of ours'),
		forbid('cli-above-main', '^src/cli/', '^src/(hosts|onnx|zoo|preload|renderer)/', 'the command line uses what the window uses'),
		{
			name: 'electron-in-two-files',
			severity: 'error',
			from: { path: '^src/', pathNot: '^src/(main/shell/electron\\.ts|preload/)' },
			to: { path: '(^|node_modules/)electron(/|$)' },
		},
		{
			name: 'uplot-in-charts',
			severity: 'error',
			comment: 'fetched with a section of the Admin room and not with the reading desk',
			from: { path: '^src/', pathNot: '^src/renderer/admin/charts/' },
			to: { path: '(^|node_modules/)uplot(/|$)' },
		},
		{ name: 'page-without-node', severity: 'error', from: { path: '^src/renderer/' }, to: { dependencyTypes: ['core'], pathNot: '^(events|url)$' } },
	],
	options: {
		tsPreCompilationDeps: true,
		doNotFollow: { path: 'node_modules' },
		enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'], exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
	},
}
