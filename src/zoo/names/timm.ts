/** timm writes VGG's linear layers as convolutions with names of their own; its other networks here have the names of their references. */
export function timmVggName(name: string): string {
	return name.replace(/^pre_logits\.fc1\./, 'classifier.0.').replace(/^pre_logits\.fc2\./, 'classifier.3.').replace(/^head\.fc\./, 'classifier.6.')
}
