using System.Text.RegularExpressions;

namespace Tenet.Kernel.Policies;

/// <summary>Reads policy files against the claim kinds that this deployment knows. A file with any fault is refused as a whole.</summary>
public sealed partial class PolicyReader(IEnumerable<ClaimKind> kinds)
{
    internal const int MaxPromises = 1_000;
    private const int MaxAncestors = 5;
    private static readonly string[] PolicyKeys = ["policy", "version", "title", "effective", "notice", "extends", "promises"];

    private readonly Dictionary<string, ClaimKind> _kinds = kinds.ToDictionary(kind => kind.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<ClaimKind> Kinds => _kinds.Values;

    /// <param name="file">The file's name, for messages.</param>
    /// <param name="open">The bytes of the policy that another one extends, by its name; null when there is none.</param>
    /// <exception cref="PolicyFileException">With every fault: file, line, promise, what is allowed.</exception>
    public Policy Read(string file, byte[] bytes, Func<string, byte[]?> open)
    {
        var faults = new List<PolicyFault>();
        var (map, promises) = Gather(file, bytes, open, [], faults);
        var faultsOf = new PolicyFaults(file, faults);
        var policy = new Policy(
            faultsOf.Text(map, "policy", NameForm(), "a name of lower-case letters and hyphens, such as crm"),
            faultsOf.Text(map, "version", VersionForm(), "a version such as 2026.1"),
            map.Find("title") is null ? "" : faultsOf.Text(map, "title", null, "a text"),
            faultsOf.Value(map, ClaimParameter.Date("effective"), default(DateOnly)),
            faultsOf.Value(map, ClaimParameter.Period("notice"), default(Period)),
            [.. promises.Select(found => new PromiseReader(_kinds, new PolicyFaults(found.File, faults)).Read(found.Map))]
        );
        if (faults.Count == 0)
        {
            // The farthest ancestor's promises come first.
            var files = promises.Select(found => found.File).Append(file).Distinct(StringComparer.Ordinal).Reverse().ToList();
            files.Remove(file);
            files.Insert(0, file);
            policy = policy with { Promises = Contradictions.Supersede(policy.Promises, files, faults) };
        }
        return faults.Count == 0 ? policy : throw new PolicyFileException(faults);
    }

    private static (PolicyMap Map, List<FoundPromise> Promises) Gather(
        string file,
        byte[] bytes,
        Func<string, byte[]?> open,
        List<string> descent,
        List<PolicyFault> faults
    )
    {
        var map = PolicyYaml.Read(file, bytes);
        var faultsOf = new PolicyFaults(file, faults);
        faultsOf.Known(map, PolicyKeys, "");
        var promises = new List<FoundPromise>();
        if (map.Find("extends") is { } parent)
        {
            var name = faultsOf.Text(map, "extends", NameForm(), "the name of a policy, such as crm");
            if (descent.Contains(name, StringComparer.Ordinal) || (map.Find("policy")?.Value as PolicyText)?.Value == name)
            {
                throw new PolicyFileException([new(file, parent.Line, "", $"The policies extend each other in a circle: {name}.")]);
            }
            if (descent.Count == MaxAncestors)
            {
                throw new PolicyFileException([new(file, parent.Line, "", $"A policy may extend {MaxAncestors} others in a row.")]);
            }
            if (name.Length > 0)
            {
                var inherited =
                    open(name) ?? throw new PolicyFileException([new(file, parent.Line, "", $"There is no policy {name} to extend.")]);
                promises = Gather(name + ".yaml", inherited, open, [.. descent, name], faults).Promises;
            }
        }
        if (map.Find("promises")?.Value is not PolicyList { Items: var items })
        {
            faultsOf.Add(map.Find("promises")?.Line ?? map.Line, "", "“promises” is a list of promises.");
            return (map, promises);
        }
        if (items.Count > MaxPromises)
        {
            throw new PolicyFileException([new(file, items[0].Line, "", $"A policy has at most {MaxPromises:N0} promises.")]);
        }
        Merge(file, items, promises, faultsOf);
        return (map, promises);
    }

    // A promise with an inherited id changes what it names and keeps the rest.
    private static void Merge(string file, IReadOnlyList<PolicyNode> items, List<FoundPromise> promises, PolicyFaults faults)
    {
        var inherited = promises.Count;
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var index = 0; index < inherited; index++)
        {
            places[promises[index].Id] = index;
        }
        foreach (var item in items)
        {
            if (item is not PolicyMap map || (map.Find("id")?.Value as PolicyText)?.Value is not { } id || !IdForm().IsMatch(id))
            {
                faults.Add(item.Line, "", "A promise begins with its id, such as - id: crm.20");
            }
            else if (!places.TryGetValue(id, out var place))
            {
                places[id] = promises.Count;
                promises.Add(new FoundPromise(id, file, map));
            }
            else if (place < inherited && promises[place].File != file)
            {
                promises[place] = new FoundPromise(id, file, promises[place].Map.With(map));
            }
            else
            {
                faults.Add(map.Line, id, $"This id stands twice; first in line {promises[place].Map.Line}.");
            }
        }
    }

    private sealed record FoundPromise(string Id, string File, PolicyMap Map);

    [GeneratedRegex("^[a-z][a-z-]{0,39}$", RegexOptions.None, 1_000)]
    private static partial Regex NameForm();

    [GeneratedRegex(@"^[0-9A-Za-z][0-9A-Za-z.-]{0,19}$", RegexOptions.None, 1_000)]
    private static partial Regex VersionForm();

    [GeneratedRegex(@"^[a-z][a-z-]{0,39}(\.[a-z0-9_]{1,40}){1,3}$", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex IdForm();
}
