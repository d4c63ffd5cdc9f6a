/** The original AutoFormerV2 (microsoft/Cream, darmo) merges patches at the end of a stage; timm, whose names are used here, at the start of the next. */
export function autoFormerName(name: string, all: ReadonlySet<string>): string {
	if (!all.has('layers.0.downsample.reduction.weight')) return name
	return name
		.replace(/^layers\.(\d+)\.downsample\./, (_, stage: string) => `layers.${Number(stage) + 1}.downsample.`)
		.replace(/^head\.(weight|bias)$/, 'head.fc.$1')
}
