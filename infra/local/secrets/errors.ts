/** A refusal in the service's own words: `type` is the error code the SDK turns into an exception. */
export class SecretsError extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.name = 'SecretsError';
    this.type = type;
  }
}

export const notFound = (message: string) => new SecretsError('ResourceNotFoundException', message);
export const exists = (message: string) => new SecretsError('ResourceExistsException', message);
export const refused = (message: string) => new SecretsError('InvalidRequestException', message);
export const badParameter = (message: string) => new SecretsError('InvalidParameterException', message);
export const badInput = (message: string) =>
  new SecretsError('ValidationException', `1 validation error detected: ${message}`);
