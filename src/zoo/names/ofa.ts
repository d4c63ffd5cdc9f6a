/**
 * once-for-all later renamed mobile_inverted_conv to conv, and darmo's reset_classifier puts a bare linear layer in the classifier's place. Its published files have
 * the names used here.
 */
export function ofaName(name: string): string {
	return name.replace(/^(blocks\.\d+)\.conv\./, '$1.mobile_inverted_conv.').replace(/^classifier\.(weight|bias)$/, 'classifier.linear.$1')
}
