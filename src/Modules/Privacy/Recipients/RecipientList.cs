using Tenet.Kernel.Policies;

namespace Tenet.Privacy.Recipients;

/// <summary>The public list: what a policy names, and what the operator's settings add.</summary>
internal sealed class RecipientList(OperatorOptions options)
{
    public IReadOnlyList<Recipient> Of(Policy policy) =>
        [
            .. policy
                .Claims.Where(found => found.Claim.Kind is Subprocessors)
                .SelectMany(found => found.Claim.Values.GetValueOrDefault("listed") as List<string> ?? [])
                .Concat(options.Subprocessors)
                .Select(Recipient.Parse)
                .OfType<Recipient>()
                .DistinctBy(recipient => recipient.Host, StringComparer.OrdinalIgnoreCase)
                .OrderBy(recipient => recipient.Name, StringComparer.OrdinalIgnoreCase),
        ];
}
