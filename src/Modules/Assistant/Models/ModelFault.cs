namespace Tenet.Assistant;

/// <summary>Why a model gave no usable answer.</summary>
public enum ModelFault
{
    /// <summary>401 or 403: the key is wrong, revoked or may not use this model.</summary>
    RefusedKey,

    /// <summary>402, or 429 that says the account has no credit left: waiting does not help.</summary>
    NoCredit,

    /// <summary>404: no such model, or no such API at this address.</summary>
    UnknownModel,

    /// <summary>429.</summary>
    RateLimited,

    /// <summary>Any 5xx, or an overload reported inside the stream.</summary>
    Overloaded,

    /// <summary>No connection.</summary>
    Unreachable,

    /// <summary>The address is inside a private network, or on this machine and not listed by the operator.</summary>
    ForbiddenAddress,

    /// <summary>Nothing came for too long.</summary>
    Stalled,

    /// <summary>The stream ended before the model had finished.</summary>
    Cut,

    /// <summary>The model called a tool with arguments that are not a JSON object.</summary>
    InvalidToolJson,

    /// <summary>The prompt is longer than the model can read.</summary>
    ContextTooLong,

    /// <summary>The model or its provider's filter declined to answer.</summary>
    Refused,

    /// <summary>The provider did not accept the request, or sent what no one understands.</summary>
    BadResponse,

    /// <summary>The workspace's tokens for today are used up.</summary>
    OverBudget,
}

/// <summary>
/// A model failed. It carries no inner exception and no text of the provider: error bodies quote prompts, and exceptions end in logs.
/// </summary>
public sealed class ModelException(ModelFault fault, int status = 0, TimeSpan? retryAfter = null)
    : Exception($"The model failed: {fault}{(status > 0 ? $" (HTTP {status})" : "")}.")
{
    public ModelFault Fault => fault;

    /// <summary>The HTTP status, or 0 when there was none.</summary>
    public int Status => status;

    /// <summary>How long the provider asks to wait, when it does.</summary>
    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>Another try may succeed, as long as nothing of the answer has been shown.</summary>
    public bool IsTransient => fault is ModelFault.RateLimited or ModelFault.Overloaded or ModelFault.Unreachable;
}
