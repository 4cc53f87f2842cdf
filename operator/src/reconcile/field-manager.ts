/** Names the operator in `managedFields`. Constant for ever: fields applied under another name would never be removed. */
export const FIELD_MANAGER = 's3proxy-operator';
