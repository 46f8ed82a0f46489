using System.Text.RegularExpressions;

namespace Tenet.Kernel.Policies;

/// <summary>Reads values of one file and collects what is wrong with them.</summary>
internal sealed class PolicyFaults(string file, List<PolicyFault> faults)
{
    public string File => file;

    public void Add(int line, string promise, string message) => faults.Add(new PolicyFault(file, line, promise, message));

    public void Known(PolicyMap map, IEnumerable<string> keys, string promise)
    {
        foreach (var entry in map.Entries.Where(entry => !keys.Contains(entry.Key, StringComparer.Ordinal)))
        {
            Add(entry.Line, promise, $"“{PolicyYaml.Shown(entry.Key)}” is not known here. Allowed: {string.Join(", ", keys)}.");
        }
    }

    public string Text(PolicyMap map, string key, Regex? form, string expected, string promise = "")
    {
        if (map.Find(key)?.Value is PolicyText { Value: { Length: > 0 and <= 2_000 } value } && form?.IsMatch(value) != false)
        {
            return value;
        }
        Add(map.Find(key)?.Line ?? map.Line, promise, $"“{key}” must be {expected}.");
        return "";
    }

    public T Value<T>(PolicyMap map, ClaimParameter parameter, T fallback)
        where T : struct => Value(map, parameter, "") is T value ? value : fallback;

    /// <summary>Null when it is absent though optional, or faulty.</summary>
    public object? Value(PolicyMap map, ClaimParameter parameter, string promise)
    {
        if (map.Find(parameter.Name) is not { } entry)
        {
            if (parameter.Required)
            {
                Add(map.Line, promise, $"“{parameter.Name}” is missing: {parameter.Form}.");
            }
            return null;
        }
        if (parameter.IsList)
        {
            return List(entry, parameter, promise);
        }
        if (entry.Value is PolicyText { Value: var text } && parameter.Read(text) is { } value)
        {
            return value;
        }
        Add(entry.Line, promise, $"“{parameter.Name}” must be {parameter.Form}{Written(entry.Value)}.");
        return null;
    }

    private List<string>? List(PolicyEntry entry, ClaimParameter parameter, string promise)
    {
        if (entry.Value is not PolicyList { Items: { Count: <= 500 } items })
        {
            Add(entry.Line, promise, $"“{parameter.Name}” must be a list, each item {parameter.Form}.");
            return null;
        }
        var values = new List<string>();
        foreach (var item in items)
        {
            if (item is PolicyText { Value: var text } && parameter.Read(text) is string value)
            {
                values.Add(value);
            }
            else
            {
                Add(item.Line, promise, $"An item of “{parameter.Name}” must be {parameter.Form}{Written(item)}.");
            }
        }
        return values;
    }

    private static string Written(PolicyNode node) => node is PolicyText text ? $", not “{PolicyYaml.Shown(text.Value)}”" : "";
}
