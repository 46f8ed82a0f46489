using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;
using Tenet.Kernel.Postgres;

namespace Tenet.Kernel.Workspaces;

/// <summary>
/// A statement written as an interpolated string: every hole becomes a parameter, a nested <see cref="Sql"/> is spliced in.
/// Text from outside can never become part of the statement.
/// </summary>
[InterpolatedStringHandler]
public sealed class Sql(int literalLength, int formattedCount)
{
    private readonly StringBuilder _text = new(literalLength + (formattedCount * 4));
    private readonly List<NpgsqlParameter> _parameters = new(formattedCount);

    /// <summary>A statement without parameters, from a constant of the program.</summary>
    public static Sql Constant(string text)
    {
        var sql = new Sql(text.Length, 0);
        sql.AppendLiteral(text);
        return sql;
    }

    internal string Text => _text.ToString();

    internal IReadOnlyList<NpgsqlParameter> Parameters => _parameters;

    /// <summary>The statement with its parameters' places, never their values.</summary>
    public override string ToString() => Text;

    public void AppendLiteral(string text) => _text.Append(text);

    public void AppendFormatted<T>(T value)
    {
        if (value is Sql nested)
        {
            Splice(nested);
            return;
        }
        _parameters.Add(SqlValue.Parameter(value));
        _text.Append('$').Append(_parameters.Count);
    }

    private void Splice(Sql nested)
    {
        var text = nested.Text;
        for (var n = nested._parameters.Count; n >= 1; n--)
        {
            text = text.Replace($"${n}", $"${{{n}}}", StringComparison.Ordinal);
        }
        for (var n = 1; n <= nested._parameters.Count; n++)
        {
            text = text.Replace($"${{{n}}}", $"${_parameters.Count + n}", StringComparison.Ordinal);
        }
        _text.Append(text);
        foreach (var parameter in nested._parameters)
        {
            _parameters.Add(parameter.Clone());
        }
    }

    internal NpgsqlCommand ToCommand(NpgsqlConnection connection, NpgsqlTransaction? transaction)
    {
        var command = new NpgsqlCommand(Text, connection, transaction);
        foreach (var parameter in _parameters)
        {
            command.Parameters.Add(parameter);
        }
        return command;
    }

    internal NpgsqlBatchCommand ToBatchCommand()
    {
        var command = new NpgsqlBatchCommand(Text);
        foreach (var parameter in _parameters)
        {
            command.Parameters.Add(parameter);
        }
        return command;
    }
}
