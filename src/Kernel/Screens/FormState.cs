using Tenet.Kernel.Http;

namespace Tenet.Kernel.Screens;

/// <summary>What a form knows of its last attempt: whether one runs, and what was wrong with it, field by field.</summary>
public sealed class FormState
{
    private static readonly Dictionary<string, string[]> Nothing = new(StringComparer.Ordinal);

    public bool Busy { get; private set; }
    public IReadOnlyDictionary<string, string[]> Errors { get; private set; } = Nothing;

    /// <summary>What went wrong beyond single fields; null when nothing did.</summary>
    public string? Message { get; private set; }

    public string? ErrorOf(string field) => Errors.TryGetValue(field, out var messages) ? string.Join(" ", messages) : null;

    /// <summary>Runs the attempt unless one runs already; expected refusals become errors to show.</summary>
    /// <returns>Whether it succeeded.</returns>
    public async Task<bool> RunAsync(Func<Task> attempt)
    {
        if (Busy)
        {
            return false;
        }
        Busy = true;
        Errors = Nothing;
        Message = null;
        try
        {
            await attempt();
            return true;
        }
        catch (RuleException rule)
        {
            Errors = rule.Errors;
            return false;
        }
        catch (Exception expected) when (expected is ConflictException or NotFoundException or AccessDeniedException)
        {
            Message = expected.Message;
            return false;
        }
        finally
        {
            Busy = false;
        }
    }
}
