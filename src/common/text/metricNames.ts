/** Names of metrics in a pack's model.json that other parts of the program look for. */
export const SHARE_ANSWERED = 'share answered'
export const SHARE_LIKE_TRAINING = 'share like the training images'
