/** torchvision's published DenseNet weights were written when modules could have a point in their names: denselayer1.norm.1. */
export function torchvisionName(name: string): string {
	return name.replace(/^(.*denselayer\d+\.(?:norm|conv))\.([12]\.)/, '$1$2')
}
