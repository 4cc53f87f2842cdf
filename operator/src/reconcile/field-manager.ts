/** Names the operator in `managedFields`. Constant for ever: fields applied under another name would never be removed. */
export const FIELD_MANAGER = 's3proxy-operator';

/** Owns what the operator once set, leaves to others from then on, and must not fall back to its default meanwhile. */
export const FORMER_FIELD_MANAGER = 's3proxy-operator-former';
