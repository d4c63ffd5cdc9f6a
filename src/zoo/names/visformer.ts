/** The original Visformer (danczs/Visformer) wraps each norm in a module; timm, whose names are used here, does not. */
export function visformerName(name: string): string {
	return name.replace('.bn.', '.')
}
