namespace Tenet.Assistant;

/// <summary>What a fault means to the team, and what to do about it. Visitors are told less.</summary>
internal static class FaultText
{
    public static string For(ModelFault fault) =>
        fault switch
        {
            ModelFault.RefusedKey => "The provider refused the key. Check that it is complete, not revoked, and may use this model.",
            ModelFault.NoCredit => "The provider says that the account has no credit left. Add credit there and test again.",
            ModelFault.UnknownModel =>
                "The provider knows no such model, or there is no such API at this address. Check the model's name and the address.",
            ModelFault.RateLimited => "The provider says that there are too many requests. Wait a minute, or raise the limit there.",
            ModelFault.Overloaded => "The provider is overloaded or has an error. Try again in a minute.",
            ModelFault.Unreachable => "The address cannot be reached. Check it, and that the server is running.",
            ModelFault.ForbiddenAddress =>
                "The address is inside a private network, which Tenet does not call. For a model on this machine, the operator lists its host and port under Egress:Loopback.",
            ModelFault.Stalled => "The model did not answer in time. Try again, or choose a faster model.",
            ModelFault.Cut => "The answer broke off. Try again; if it stays so, the provider or a proxy on the way ends streams early.",
            ModelFault.InvalidToolJson =>
                "The model called a tool with arguments that are not JSON. Choose another model, or switch \"Use tools\" off.",
            ModelFault.ContextTooLong => "The prompt is longer than this model can read. Choose a model with a larger context.",
            ModelFault.Refused => "The model declined to answer.",
            ModelFault.OverBudget => "The tokens for today are used up. Raise the daily limit, or wait until tomorrow (UTC).",
            _ => "The answer cannot be understood. Check that the address belongs to this kind of provider.",
        };
}
