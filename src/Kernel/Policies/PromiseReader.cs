namespace Tenet.Kernel.Policies;

/// <summary>Reads one promise: its statement, and one claim beside it or several under <c>claims</c>.</summary>
internal sealed class PromiseReader(IReadOnlyDictionary<string, ClaimKind> kinds, PolicyFaults faults)
{
    private static readonly string[] Own = ["id", "says", "strength", "awaits", "claim", "claims"];
    private static readonly string[] Strengths = [.. Enum.GetNames<Strength>().Select(name => name.ToLowerInvariant())];

    public Promise Read(PolicyMap map)
    {
        var id = ((PolicyText)map.Find("id")!.Value).Value;
        var says = faults.Text(map, "says", null, "the statement that people read", id);
        var awaits = map.Find("awaits") is null ? null : faults.Text(map, "awaits", null, "the part that is not built yet", id);
        var claims = ReadClaims(map, id, awaits);
        var strength =
            map.Find("strength") is not { } entry ? (claims.Count == 0 ? Strength.Procedure : claims.Max(claim => claim.Kind.Strength))
            : (entry.Value as PolicyText)?.Value is { } word && Array.IndexOf(Strengths, word) is >= 0 and var index ? (Strength)index
            : Fault(entry.Line, id, $"“strength” must be one of {string.Join(", ", Strengths)}.");
        return new Promise(id, says, strength, claims, awaits, faults.File, map.Line);
    }

    private Strength Fault(int line, string id, string message)
    {
        faults.Add(line, id, message);
        return Strength.Procedure;
    }

    private List<Claim> ReadClaims(PolicyMap map, string id, string? awaits)
    {
        var one = map.Find("claim");
        var several = map.Find("claims");
        if (one is not null && several is not null)
        {
            faults.Add(several.Line, id, "Either “claim” or “claims”, not both.");
            return [];
        }
        if (one is not null)
        {
            return Read(map, id, Own) is { } claim ? [claim] : [];
        }
        faults.Known(map, Own, id);
        if (several is null)
        {
            if (awaits is null)
            {
                faults.Add(map.Line, id, "A promise has a “claim”, or says with “awaits” which part is not built yet.");
            }
            return [];
        }
        if (several.Value is not PolicyList { Items: { Count: > 0 and <= 20 } items })
        {
            faults.Add(several.Line, id, "“claims” is a list of 1 to 20 claims.");
            return [];
        }
        var claims = new List<Claim>();
        foreach (var item in items)
        {
            if (item is not PolicyMap part)
            {
                faults.Add(item.Line, id, "A claim begins with its kind: - claim: retention");
            }
            else if (Read(part, id, ["claim"]) is { } claim)
            {
                claims.Add(claim);
            }
        }
        return claims;
    }

    private Claim? Read(PolicyMap map, string id, string[] besides)
    {
        var name = faults.Text(map, "claim", null, "a kind of claim", id);
        if (!kinds.TryGetValue(name, out var kind))
        {
            if (name.Length > 0)
            {
                var known = string.Join(", ", kinds.Keys.Order(StringComparer.Ordinal));
                faults.Add(map.Find("claim")!.Line, id, $"“{PolicyYaml.Shown(name)}” is not a kind of claim. Known: {known}.");
            }
            return null;
        }
        faults.Known(map, [.. besides, .. kind.Parameters.Select(parameter => parameter.Name)], id);
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var parameter in kind.Parameters)
        {
            if (faults.Value(map, parameter, id) is { } value)
            {
                values[parameter.Name] = value;
            }
        }
        return new Claim(kind, values);
    }
}
