/** Version of the API and the package. */
export const VERSION = '0.1.0';
